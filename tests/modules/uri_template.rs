//! URI templates against the outside world: the RFC's own examples, another implementation, and
//! the deep links that well-known applications are really opened with.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value as Json, json};
use url::Url;
use usher::protocol::uri_template::{Strictness, UriTemplate, Value, Values, within};

fn list(items: &[&str]) -> Value {
    Value::List(items.iter().map(|&item| item.to_owned()).collect())
}

fn map(pairs: &[(&str, &str)]) -> Value {
    let pair = |&(key, value): &(&str, &str)| (key.to_owned(), value.to_owned());
    Value::Map(pairs.iter().map(pair).collect())
}

/// RFC 6570 section 3.2.
fn rfc_values() -> Values {
    Values::new()
        .with("count", list(&["one", "two", "three"]))
        .with("dom", list(&["example", "com"]))
        .with("dub", "me/too")
        .with("hello", "Hello World!")
        .with("half", "50%")
        .with("var", "value")
        .with("who", "fred")
        .with("base", "http://example.com/home/")
        .with("path", "/foo/bar")
        .with("list", list(&["red", "green", "blue"]))
        .with("keys", map(&[("semi", ";"), ("dot", "."), ("comma", ",")]))
        .with("v", "6")
        .with("x", "1024")
        .with("y", "768")
        .with("empty", "")
        .with("empty_keys", map(&[]))
}

/// Sections 1.2 and 3.2, every example: template, then its expansion.
const RFC: &str = "
{count} one,two,three
{count*} one,two,three
{/count} /one,two,three
{/count*} /one/two/three
{;count} ;count=one,two,three
{;count*} ;count=one;count=two;count=three
{?count} ?count=one,two,three
{?count*} ?count=one&count=two&count=three
{&count*} &count=one&count=two&count=three

{var} value
{hello} Hello%20World%21
{half} 50%25
O{empty}X OX
O{undef}X OX
{x,y} 1024,768
{x,hello,y} 1024,Hello%20World%21,768
?{x,empty} ?1024,
?{x,undef} ?1024
?{undef,y} ?768
map?{x,y} map?1024,768
{var:3} val
{var:30} value
{list} red,green,blue
{list*} red,green,blue
{keys} semi,%3B,dot,.,comma,%2C
{keys*} semi=%3B,dot=.,comma=%2C

{+var} value
{+hello} Hello%20World!
{+half} 50%25
{base}index http%3A%2F%2Fexample.com%2Fhome%2Findex
{+base}index http://example.com/home/index
O{+empty}X OX
O{+undef}X OX
{+path}/here /foo/bar/here
here?ref={+path} here?ref=/foo/bar
up{+path}{var}/here up/foo/barvalue/here
{+x,hello,y} 1024,Hello%20World!,768
{+path,x}/here /foo/bar,1024/here
{+path:6}/here /foo/b/here
{+list} red,green,blue
{+list*} red,green,blue
{+keys} semi,;,dot,.,comma,,
{+keys*} semi=;,dot=.,comma=,

{#var} #value
{#hello} #Hello%20World!
{#half} #50%25
foo{#empty} foo#
foo{#undef} foo
X{#var} X#value
X{#hello} X#Hello%20World!
{#x,hello,y} #1024,Hello%20World!,768
{#path,x}/here #/foo/bar,1024/here
{#path:6}/here #/foo/b/here
{#list} #red,green,blue
{#list*} #red,green,blue
{#keys} #semi,;,dot,.,comma,,
{#keys*} #semi=;,dot=.,comma=,

{.who} .fred
{.who,who} .fred.fred
{.half,who} .50%25.fred
www{.dom*} www.example.com
X{.var} X.value
X{.x,y} X.1024.768
X{.empty} X.
X{.undef} X
X{.var:3} X.val
X{.list} X.red,green,blue
X{.list*} X.red.green.blue
X{.keys} X.semi,%3B,dot,.,comma,%2C
X{.keys*} X.semi=%3B.dot=..comma=%2C
X{.empty_keys} X
X{.empty_keys*} X

{/who} /fred
{/who,who} /fred/fred
{/half,who} /50%25/fred
{/who,dub} /fred/me%2Ftoo
{/var} /value
{/var,empty} /value/
{/var,undef} /value
{/var,x}/here /value/1024/here
{/var:1,var} /v/value
{/list} /red,green,blue
{/list*} /red/green/blue
{/list*,path:4} /red/green/blue/%2Ffoo
{/keys} /semi,%3B,dot,.,comma,%2C
{/keys*} /semi=%3B/dot=./comma=%2C

{;who} ;who=fred
{;half} ;half=50%25
{;empty} ;empty
{;v,empty,who} ;v=6;empty;who=fred
{;v,bar,who} ;v=6;who=fred
{;x,y} ;x=1024;y=768
{;x,y,empty} ;x=1024;y=768;empty
{;x,y,undef} ;x=1024;y=768
{;hello:5} ;hello=Hello
{;list} ;list=red,green,blue
{;list*} ;list=red;list=green;list=blue
{;keys} ;keys=semi,%3B,dot,.,comma,%2C
{;keys*} ;semi=%3B;dot=.;comma=%2C

{?who} ?who=fred
{?half} ?half=50%25
{?x,y} ?x=1024&y=768
{?x,y,empty} ?x=1024&y=768&empty=
{?x,y,undef} ?x=1024&y=768
{?var:3} ?var=val
{?list} ?list=red,green,blue
{?list*} ?list=red&list=green&list=blue
{?keys} ?keys=semi,%3B,dot,.,comma,%2C
{?keys*} ?semi=%3B&dot=.&comma=%2C

{&who} &who=fred
{&half} &half=50%25
?fixed=yes{&x} ?fixed=yes&x=1024
{&x,y,empty} &x=1024&y=768&empty=
{&x,y,undef} &x=1024&y=768
{&var:3} &var=val
{&list} &list=red,green,blue
{&list*} &list=red&list=green&list=blue
{&keys} &keys=semi,%3B,dot,.,comma,%2C
{&keys*} &semi=%3B&dot=.&comma=%2C
";

#[test]
fn every_example_of_the_rfc_expands_as_it_says() {
    let values = rfc_values();
    let examples = RFC.lines().filter_map(|line| line.split_once(' '));
    let mut count = 0;
    for (template, expected) in examples {
        let parsed = UriTemplate::parse_as(template, Strictness::Rfc).unwrap();
        assert_eq!(parsed.expand(&values).unwrap(), expected, "{template}");
        count += 1;
    }
    assert_eq!(count, RFC.lines().filter(|line| !line.is_empty()).count());
}

/// What an application is opened with: its address, the template, values, and the whole link.
type Format = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
);

const FORMATS: &[Format] = &[
    (
        "https://acme.lightning.force.com", // Salesforce
        "/lightning/r/{object}/{id}/view",
        &[("object", "Case"), ("id", "5003000000D8cuIAAR")],
        "https://acme.lightning.force.com/lightning/r/Case/5003000000D8cuIAAR/view",
    ),
    (
        "https://acme.atlassian.net", // Jira
        "/browse/{key}",
        &[("key", "OPS-7")],
        "https://acme.atlassian.net/browse/OPS-7",
    ),
    (
        "https://acme.crm4.dynamics.com/", // Dynamics 365
        "/main.aspx?appid={app}&forceUCI=1&pagetype=entityrecord&etn={table}&id={id}",
        &[("app", "a-1"), ("table", "account"), ("id", "{9f-2}")],
        "https://acme.crm4.dynamics.com/main.aspx?appid=a-1&forceUCI=1&pagetype=entityrecord\
         &etn=account&id=%7B9f-2%7D",
    ),
    (
        "https://kibana.example/s/ops", // Kibana: rison in the fragment
        "/app/discover#/?_g=(time:(from:now-1h,to:now))&_a=(query:(language:kuery,query:'{q}'))",
        &[("q", "host: \"web 1\" & x=1#")],
        "https://kibana.example/s/ops/app/discover#/?_g=(time:(from:now-1h,to:now))\
         &_a=(query:(language:kuery,query:'host%3A%20%22web%201%22%20%26%20x%3D1%23'))",
    ),
    (
        "https://bi.example", // Metabase
        "/dashboard/{id}{?param}",
        &[("id", "12"), ("param", "Ö & more")],
        "https://bi.example/dashboard/12?param=%C3%96%20%26%20more",
    ),
    (
        "https://sap.example/sap/bc/ui5_ui5/ui2/flp", // Fiori: everything in the fragment
        "/FioriLaunchpad.html#{object}-{action}{?SalesOrder}&/inner/{tab}",
        &[
            ("object", "SalesOrder"),
            ("action", "display"),
            ("SalesOrder", "4711"),
            ("tab", "a/b"),
        ],
        "https://sap.example/sap/bc/ui5_ui5/ui2/flp/FioriLaunchpad.html\
         #SalesOrder-display?SalesOrder=4711&/inner/a%2Fb",
    ),
    (
        "https://ehr-app.example/launch", // SMART
        "{?iss,launch}",
        &[("iss", "https://usher.example/ctx"), ("launch", "lau_1")],
        "https://ehr-app.example/launch?iss=https%3A%2F%2Fusher.example%2Fctx&launch=lau_1",
    ),
    (
        "https://moodle.example", // Moodle as LTI tool
        "/enrol/lti/login.php?id={id}",
        &[("id", "5d1c-77")],
        "https://moodle.example/enrol/lti/login.php?id=5d1c-77",
    ),
    (
        "https://outlook.office365.com/owa/", // Outlook: base64 with all three awkward characters
        "/?ItemID={id}&exvsurl=1&viewmodel=ReadMessageItem",
        &[("id", "AAMk+AD/Zw==")],
        "https://outlook.office365.com/owa/?ItemID=AAMk%2BAD%2FZw%3D%3D&exvsurl=1\
         &viewmodel=ReadMessageItem",
    ),
    (
        "https://acme.sharepoint.com/sites/it", // SharePoint
        "/Lists/{list}/DispForm.aspx?ID={n}",
        &[("list", "Büro & Geräte"), ("n", "3")],
        "https://acme.sharepoint.com/sites/it/Lists/B%C3%BCro%20%26%20Ger%C3%A4te\
         /DispForm.aspx?ID=3",
    ),
    (
        "https://misp.example",
        "/events/view/{id}",
        &[("id", "1337")],
        "https://misp.example/events/view/1337",
    ),
    (
        "https://hive.example", // TheHive 4
        "/index.html#!/case/~{id}/details",
        &[("id", "40980")],
        "https://hive.example/index.html#!/case/~40980/details",
    ),
    (
        "https://hive.example", // TheHive 5
        "/cases/~{id}/details",
        &[("id", "40980")],
        "https://hive.example/cases/~40980/details",
    ),
    (
        "https://www.virustotal.com",
        "/gui/file/{hash}{/view}",
        &[
            ("hash", "d41d8cd98f00b204e9800998ecf8427e"),
            ("view", "detection"),
        ],
        "https://www.virustotal.com/gui/file/d41d8cd98f00b204e9800998ecf8427e/detection",
    ),
    (
        "https://icinga.example/icingaweb2", // Icinga
        "/icingadb/host?name={h}",
        &[("h", "web 1.example")],
        "https://icinga.example/icingaweb2/icingadb/host?name=web%201.example",
    ),
    (
        "https://rt.example", // Request Tracker
        "/Ticket/Display.html?id={n}",
        &[("n", "88")],
        "https://rt.example/Ticket/Display.html?id=88",
    ),
];

#[test]
fn well_known_applications_open_on_their_records() {
    for (base, template, values, expected) in FORMATS {
        let values: Values = values.iter().copied().collect();
        let link = UriTemplate::parse(template)
            .unwrap()
            .expand(&values)
            .unwrap();
        let url = within(&Url::parse(base).unwrap(), &link).unwrap();
        assert_eq!(url.as_str(), *expected);
    }
}

#[test]
fn a_project_in_groups_keeps_its_segments() {
    let template = UriTemplate::parse("{/project*}/-/issues/{iid}").unwrap();
    let values = Values::new()
        .with("project", list(&["group", "sub", "my project"]))
        .with("iid", "3");
    let link = template.expand(&values).unwrap(); // GitLab
    assert_eq!(link, "/group/sub/my%20project/-/issues/3");
}

#[test]
fn a_hyphenated_and_repeated_parameter_is_written() {
    let template = UriTemplate::parse("/d/{uid}/{slug}?orgId=1{&var%2Dhost*}&kiosk").unwrap();
    let values = Values::new()
        .with("uid", "ab")
        .with("slug", "hosts")
        .with("var-host", list(&["web 1", "db&x"]));
    let link = template.expand(&values).unwrap(); // Grafana
    let expected = "/d/ab/hosts?orgId=1&var%2Dhost=web%201&var%2Dhost=db%26x&kiosk";
    assert_eq!(link, expected);
    let query = Url::parse("https://g.example")
        .unwrap()
        .join(&link)
        .unwrap();
    let hosts: Vec<_> = query
        .query_pairs()
        .filter(|(name, _)| name == "var-host")
        .collect();
    assert_eq!(hosts.len(), 2);
}

#[test]
fn a_link_inside_a_link_arrives_whole() {
    for (outer, inner, expected) in [
        (
            "/nav_to.do?uri={inner}", // ServiceNow, classic
            "{table}.do?sys_id={id}",
            "/nav_to.do?uri=incident.do%3Fsys_id%3D46d4",
        ),
        (
            "/now/nav/ui/classic/params/target/{inner}", // ServiceNow, next
            "{table}.do?sys_id={id}",
            "/now/nav/ui/classic/params/target/incident.do%3Fsys_id%3D46d4",
        ),
        (
            "/access/jwt{?inner}", // Zendesk's return_to is an absolute address
            "https://acme.zendesk.com/agent/tickets/{id}",
            "/access/jwt?inner=https%3A%2F%2Facme.zendesk.com%2Fagent%2Ftickets%2F46d4",
        ),
    ] {
        let (outer, inner) = (
            UriTemplate::parse(outer).unwrap(),
            UriTemplate::parse(inner).unwrap(),
        );
        let values = Values::new().with("table", "incident").with("id", "46d4");
        assert_eq!(outer.expand_nested(&inner, &values).unwrap(), expected);
    }
}

/// Templates in all operators and modifiers, alone, in pairs and within literals.
fn templates() -> Vec<String> {
    let mut templates = Vec::new();
    for operator in ["", "+", "#", ".", "/", ";", "?", "&"] {
        for uses in [
            "t", "u", "l", "m", "l*", "m*", "t:3", "u:2", "t,u", "l*,t", "none,t", "e,m*",
        ] {
            templates.push(format!("{{{operator}{uses}}}"));
            templates.push(format!("/a-{{{operator}{uses}}}/z~"));
        }
    }
    templates
}

/// In the form the peer reads. Maps are sorted by their keys because the peer sorts them.
fn oracle_values() -> Vec<Json> {
    [
        json!({"t": "value", "u": "Zoë Ünal", "l": ["a", "b"], "m": {"k": "v"}, "e": ""}),
        json!({"t": "a/b?c#d", "u": "50% ! ,;:", "l": ["x y"], "m": {"a b": "c&d", "é": "="}, "e": "e"}),
        json!({"t": "日本語テキスト", "u": "😀😀😀", "l": ["😀", "-._~"], "m": {"1": "'()*", "2": "+"}}),
        json!({"t": "\"<>\\^`{|}", "u": "\r\n\t", "l": ["//evil", ".."], "m": {"@": "$[]"}}),
        json!({}),
    ]
    .into()
}

fn values_from(json: &Json) -> Values {
    let text = |value: &Json| value.as_str().unwrap().to_owned();
    let pair = |(key, value): (&String, &Json)| (key.clone(), text(value));
    let value = |value: &Json| match value {
        Json::Array(items) => Value::List(items.iter().map(text).collect()),
        Json::Object(pairs) => Value::Map(pairs.iter().map(pair).collect()),
        other => Value::Text(text(other)),
    };
    let members = json.as_object().unwrap().iter();
    members
        .map(|(name, json)| (name.clone(), value(json)))
        .collect()
}

/// The Python that has the test peers: where `make deps` puts it, unless the environment says.
fn python() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .parent()
        .expect("the target directory");
    let python = std::env::var_os("USHER_TEST_PYTHON").map(PathBuf::from);
    let python = python.unwrap_or_else(|| target.join("venv/bin/python"));
    assert!(
        python.exists(),
        "{} is not there: run `make deps`",
        python.display()
    );
    python
}

/// What PyPI uritemplate makes of the questions, one answer each.
fn ask_peer(questions: &[Json]) -> Vec<Json> {
    let python = python();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/uri_template.py");
    let mut peer = Command::new(&python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}: run `make deps`", python.display()));
    let lines: String = questions
        .iter()
        .map(|question| format!("{question}\n"))
        .collect();
    let mut stdin = peer.stdin.take().expect("was piped");
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let output = peer.wait_with_output().unwrap();
    assert!(output.status.success(), "the peer failed: run `make deps`");
    writer.join().unwrap().unwrap();
    let answers = String::from_utf8(output.stdout).unwrap();
    answers
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn another_implementation_expands_the_same() {
    let question =
        |template: &String, values: &Json| json!({"template": template, "values": values});
    let questions: Vec<Json> = templates()
        .iter()
        .flat_map(|template| {
            oracle_values()
                .into_iter()
                .map(move |v| question(template, &v))
        })
        .collect();
    let answers = ask_peer(&questions);
    assert_eq!(answers.len(), questions.len());
    for (question, answer) in questions.iter().zip(&answers) {
        let template = question["template"].as_str().unwrap();
        let values = values_from(&question["values"]);
        let ours = UriTemplate::parse_as(template, Strictness::Rfc)
            .unwrap()
            .expand(&values)
            .unwrap();
        assert_eq!(answer["expansion"], ours, "{question}");
        compare_with_link(template, &values, &ours);
    }
}

/// Where a deep link's template allows it at all, it says the same as the RFC, fragments apart.
fn compare_with_link(template: &str, values: &Values, expected: &str) {
    let link = UriTemplate::parse(template)
        .ok()
        .and_then(|link| link.expand(values).ok());
    if let Some(link) = link.filter(|_| !template.contains('#')) {
        assert_eq!(link, expected, "{template}");
    }
}
