//! `usher demo`: the portal with users, services and remote applications to try it on.
//!
//! Cookies do not separate ports, so portal and applications each have a loopback address of their
//! own: to a browser they are different sites, as in production. The applications are programs of
//! their own (`examples/`), started and ended with the portal.

mod university;

use std::{net::SocketAddr, path::PathBuf, process::Stdio, time::Duration};

use clap::Args;
use tokio::{
    net::TcpStream,
    process::{Child, Command},
};

use self::university::University;
use super::serve;
use crate::{
    app::App,
    chance::Chance,
    clock::Clock,
    config::{self, Config},
    error::{Error, Result},
    id::{Artefact, Bearer},
    model::destination::Destinations,
};

#[derive(Args)]
pub struct DemoOptions {
    /// Port of the portal and the demo applications.
    #[arg(long, default_value_t = 7000)]
    port: u16,
    /// Data directory [default: a temporary directory]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Directory of the demo applications [default: beside this program]
    #[arg(long, value_name = "DIR")]
    apps: Option<PathBuf>,
}

/// A remote application to start.
struct Remote {
    program: &'static str,
    client: &'static str,
    title: &'static str,
    /// Which application the CRM program imitates.
    face: Option<&'static str>,
    region: &'static str,
    host: &'static str,
    /// It is notified when a session of the portal ends; not every application supports that.
    is_notified: bool,
    /// Owned by a third party: users are asked for consent before it receives anything about them.
    asks: bool,
}

impl Remote {
    const fn without_logout(self) -> Self {
        Self {
            is_notified: false,
            ..self
        }
    }

    const fn asking(self) -> Self {
        Self { asks: true, ..self }
    }
}

const fn remote(
    program: &'static str,
    client: &'static str,
    title: &'static str,
    face: Option<&'static str>,
    region: &'static str,
    host: &'static str,
) -> Remote {
    Remote {
        program,
        client,
        title,
        face,
        region,
        host,
        is_notified: true,
        asks: false,
    }
}

const REMOTES: [Remote; 9] = [
    remote(
        "crm",
        "crm-eu",
        "CRM Europe",
        Some("crm"),
        "europe",
        "127.0.0.11",
    ),
    remote(
        "crm",
        "crm-us",
        "CRM Americas",
        Some("crm"),
        "americas",
        "127.0.0.12",
    ),
    remote(
        "desk",
        "desk-eu",
        "Ticket desk Europe",
        None,
        "europe",
        "127.0.0.21",
    ),
    remote(
        "desk",
        "desk-us",
        "Ticket desk Americas",
        None,
        "americas",
        "127.0.0.22",
    ),
    remote(
        "crm",
        "wiki-eu",
        "Wiki Europe",
        Some("wiki"),
        "europe",
        "127.0.0.31",
    )
    .without_logout(),
    remote(
        "crm",
        "wiki-us",
        "Wiki Americas",
        Some("wiki"),
        "americas",
        "127.0.0.32",
    )
    .without_logout(),
    remote(
        "crm",
        "reports-eu",
        "Reports Europe",
        Some("reports"),
        "europe",
        "127.0.0.41",
    ),
    remote(
        "crm",
        "reports-us",
        "Reports Americas",
        Some("reports"),
        "americas",
        "127.0.0.42",
    ),
    remote(
        "crm",
        "partner",
        "Harbour Logistics",
        Some("crm"),
        "europe",
        "127.0.0.61",
    )
    .asking(),
];

/// How long an application may take until it first responds.
const PATIENCE: Duration = Duration::from_secs(15);

pub async fn run(mut config: Config, options: DemoOptions) -> Result<()> {
    let chance = Chance::system();
    let scratch = Scratch::open(options.data.clone(), &chance)?;
    let given = config::variable("USHER_DEMO_PASSWORD").filter(|text| !text.is_empty());
    let shortest = config.sign_in.password_min_length;
    if given
        .as_ref()
        .is_some_and(|given| given.chars().count() < shortest)
    {
        return Err(Error::Invalid(format!(
            "USHER_DEMO_PASSWORD must have at least {shortest} characters"
        )));
    }
    let password = given.clone().unwrap_or_else(|| invent(&chance));
    config.server.listen = SocketAddr::from(([127, 0, 0, 1], options.port));
    // By name: browsers keep passkeys for names only.
    config.server.public_url = format!("http://localhost:{}", options.port);
    // What the portal itself connects to: the university, and applications that receive logouts.
    let mut reached = vec![std::net::Ipv4Addr::from(university::HOST).to_string()];
    reached.extend(REMOTES.iter().map(|remote| remote.host.to_owned()));
    config.net.allow = Destinations::parse(&reached).map_err(Error::Invalid)?;
    config.data.dir.clone_from(&scratch.dir);
    config.database.url = format!("sqlite:{}?mode=rwc", scratch.dir.join("usher.db").display());
    let university = University::new(&config.server.public_url, options.port, &chance);
    // Escapes a password for a TOML string.
    let quoted = password.replace('\\', "\\\\").replace('"', "\\\"");
    let campus = university
        .open(config.clone(), &scratch.dir, &quoted)
        .await?;
    let app = App::open(config, Clock::system(), chance.clone()).await?;
    let secrets: Vec<String> = REMOTES
        .iter()
        .map(|_| Bearer::mint(Artefact::Browser, &chance).as_str().to_owned())
        .collect();
    let mut text = seed(options.port, &quoted, &secrets);
    text.push_str(&university.provider());
    app.seed(&text).await?;
    let listener = serve::bind(&app).await?;
    let issuer = app.parts.config.server.public_url.clone();
    let admin = app.directory.admins().first_link().await?;
    let portal = tokio::spawn(serve::until_stopped(app, listener, serve::stop()));
    let apps = match &options.apps {
        Some(dir) => dir.clone(),
        None => beside_us()?,
    };
    let mut children = Vec::new();
    for (remote, secret) in REMOTES.iter().zip(&secrets) {
        children.push(start(remote, &apps, &issuer, options.port, secret)?);
    }
    for remote in &REMOTES {
        answers(remote, options.port).await?;
    }
    welcome(&issuer, &password, given.is_none(), admin.as_deref());
    let outcome = portal
        .await
        .map_err(|error| Error::Internal(error.to_string()))?;
    for mut child in children {
        end(&mut child).await;
    }
    campus.abort();
    outcome
}

fn seed(port: u16, password: &str, secrets: &[String]) -> String {
    let mut text = include_str!("demo.toml")
        .replace("{PORT}", &port.to_string())
        .replace("{PASSWORD}", password);
    for (remote, secret) in REMOTES.iter().zip(secrets) {
        text.push_str(&client(remote, port, secret));
    }
    text
}

fn client(remote: &Remote, port: u16, secret: &str) -> String {
    let Remote {
        client,
        title,
        host,
        ..
    } = remote;
    let origin = format!("http://{host}:{port}");
    let mut text =
        format!("\n[[client]]\nid = \"{client}\"\ntitle = \"{title}\"\nsecret = \"{secret}\"\n");
    if remote.face.is_some() {
        text.push_str(&format!(
            "redirect_uris = [\"{origin}/callback\"]\n\
             post_logout_redirect_uris = [\"{origin}/\"]\n\
             initiate_login_uri = \"{origin}/login/initiate\"\n"
        ));
    }
    let mut registration = Vec::new();
    if remote.is_notified {
        registration.push(format!(
            "backchannel_logout_uri = \"{origin}/backchannel-logout\""
        ));
    }
    if remote.asks {
        registration.push("consent = \"ask\"".to_owned());
    }
    text.push_str(&format!(
        "registration = {{ {} }}\n",
        registration.join(", ")
    ));
    text
}

fn start(
    remote: &Remote,
    apps: &std::path::Path,
    issuer: &str,
    port: u16,
    secret: &str,
) -> Result<Child> {
    let address = format!("{}:{port}", remote.host);
    let program = apps.join(remote.program);
    let mut command = Command::new(&program);
    command
        .args([
            "--listen",
            &address,
            "--public-url",
            &format!("http://{address}"),
        ])
        .args(["--issuer", issuer, "--client-id", remote.client])
        .args(["--title", remote.title, "--region", remote.region])
        // Not on the command line, where every process could read it.
        .args(["--client-secret-env", "USHER_DEMO_CLIENT_SECRET"])
        .env("USHER_DEMO_CLIENT_SECRET", secret)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .kill_on_drop(true);
    if let Some(face) = remote.face {
        command.args(["--face", face]);
    }
    if remote.asks {
        command.args(["--scope", "email"]);
    }
    command.spawn().map_err(|error| {
        Error::Invalid(format!(
            "{}: {error}; build the applications with `cargo build --examples`",
            program.display()
        ))
    })
}

/// `target/…/examples`, where cargo puts them.
fn beside_us() -> Result<PathBuf> {
    let own = std::env::current_exe().map_err(|error| Error::Invalid(error.to_string()))?;
    Ok(own
        .parent()
        .map(|dir| dir.join("examples"))
        .unwrap_or_default())
}

async fn answers(remote: &Remote, port: u16) -> Result<()> {
    let address = format!("{}:{port}", remote.host);
    let connected = async {
        while TcpStream::connect(&address).await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, connected)
        .await
        .map_err(|_| Error::Invalid(format!("{} does not answer on {address}", remote.title)))
}

/// SIGTERM first: the applications end what they are doing.
async fn end(child: &mut Child) {
    if let Some(id) = child.id() {
        let _ = Command::new("kill").arg(id.to_string()).status().await;
    }
    if tokio::time::timeout(Duration::from_secs(5), child.wait())
        .await
        .is_err()
    {
        let _ = child.kill().await;
    }
}

fn invent(chance: &Chance) -> String {
    Bearer::mint(Artefact::Browser, chance).as_str()[3..15].to_owned()
}

fn welcome(issuer: &str, password: &str, invented: bool, admin: Option<&str>) {
    print_line!();
    print_line!("The portal is at {issuer}");
    print_line!("  1. Open a link, as from an email: {issuer}/go/crm/customer/C-1042");
    print_line!("  2. Sign in as ana (Europe, sales), ben (Americas, support) or cleo (IT).");
    if invented {
        print_line!("     The password, created for this run: {password}");
    } else {
        print_line!("     The password is the one in USHER_DEMO_PASSWORD.");
    }
    print_line!(
        "     Or sign in as dora at North University, another identity provider (same password)."
    );
    print_line!("  3. Sign in as another user, or open a case: {issuer}/go/tickets/case/CS-2207");
    print_line!("     Or a partner's application that asks for your consent: {issuer}/go/partner");
    if let Some(link) = admin {
        print_line!("  4. Create the first admin (link valid for one hour): {link}");
    }
    print_line!("Press Ctrl-C to stop the portal and the demo applications.");
}

/// The demo's data directory; a temporary one goes away with the demo.
struct Scratch {
    dir: PathBuf,
    temporary: bool,
}

impl Scratch {
    fn open(given: Option<PathBuf>, chance: &Chance) -> Result<Self> {
        let temporary = given.is_none();
        let dir = given
            .unwrap_or_else(|| std::env::temp_dir().join(format!("usher-demo-{}", invent(chance))));
        std::fs::create_dir_all(&dir)
            .map_err(|error| Error::Invalid(format!("{}: {error}", dir.display())))?;
        Ok(Self { dir, temporary })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if self.temporary {
            let _ = std::fs::remove_dir_all(&self.dir);
        }
    }
}
