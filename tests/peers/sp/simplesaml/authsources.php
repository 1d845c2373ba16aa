<?php
// Three service providers in one: `asked` starts its sign-ins, and takes logout by SOAP as well; `unasked` waits for
// assertions, and takes logout in the browser alone; so does `paged`, as a page of its own. All demand that everything is signed and assertions encrypted.
$home = getenv('USHER_SP_HOME');
$settings = json_decode(file_get_contents("$home/settings.json"), true);
const REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect';
const SOAP = 'urn:oasis:names:tc:SAML:2.0:bindings:SOAP';
const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';

$strict = [
    'saml:SP',
    'idp' => $settings['idp'],
    'privatekey' => 'sp.key',
    'certificate' => 'sp.pem',
    'signature.algorithm' => 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    'NameIDPolicy' => ['Format' => PERSISTENT, 'AllowCreate' => true],
    'sign.authnrequest' => true,
    'sign.logout' => true,
    'redirect.sign' => true,
    'redirect.validate' => true,
    'validate.logout' => true,
    'WantAssertionsSigned' => true,
    'assertion.encryption' => true,
];
$config = [
    'asked' => $strict + [
        'entityID' => "{$settings['url']}/asked",
        'SingleLogoutServiceBinding' => [REDIRECT, SOAP],
    ],
    'unasked' => $strict + [
        'entityID' => "{$settings['url']}/unasked",
        'SingleLogoutServiceBinding' => [REDIRECT],
    ],
    'paged' => $strict + [
        'entityID' => "{$settings['url']}/paged",
        'SingleLogoutServiceBinding' => [REDIRECT],
    ],
];
