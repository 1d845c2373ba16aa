# The instance of a service, and why.

service-title = { $service }: your instance
service-open = Open { $service }
service-why = Rules
service-why-lead = Your organisation’s rules are checked from top to bottom. The first rule that applies decides.
service-rules-none = There are no rules: everyone is taken to the same instance.
service-rules-missing = No rule has been set up for this service yet, so it cannot be opened. Please contact your help desk.
rule-matched = Applies
rule-passed-over = Does not apply
rule-unanswered = Cannot be determined
rule-not-reached = Not checked
verdict-rule = You are taken to { $instance }, because the rule “{ $rule }” applies to you.
verdict-default = You are taken to { $instance }, the default, because no specific rule applies to you.
verdict-only = You are taken to { $instance }. It is the only instance.
verdict-override = You are taken to { $instance }, because you chose it.
verdict-choose = More than one instance is available to you. You choose one each time.
verdict-none = No rule applies to you, so no instance is assigned to you.
verdict-unknown = Your identity provider did not send all the data that a rule needs, so your instance cannot be determined. Your administrator can configure it to send only the groups assigned to this portal, or application roles.
verdict-closed = You would be taken to { $instance }, but it is temporarily unavailable.
finding-not = must not be met: { $finding }
finding-always = this rule applies to everyone
override-title = Use a different instance
override-lead = For one week, you will be taken to the selected instance instead.
override-label = Instance
override-submit = Use for one week
override-clear = Use the assigned instance
handoff-title = How you are signed in
