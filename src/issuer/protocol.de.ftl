# Die Namen der Protokolle, über die Anwendungen von einer Abmeldung erfahren, für Administratoren.

protocol-oidc = OpenID Connect
protocol-saml = SAML
protocol-cas = CAS
protocol-forward-auth = Forward Authentication
