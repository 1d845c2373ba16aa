# The names of the protocols by which applications are notified of a sign-out, for administrators.

protocol-oidc = OpenID Connect
protocol-saml = SAML
protocol-cas = CAS
protocol-forward-auth = Forward authentication
