<?php
$home = getenv('USHER_IDP_HOME');
$settings = json_decode(file_get_contents("$home/settings.json"), true);

$persistent = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';

$metadata["{$settings['url']}/metadata"] = [
    'host' => '__DEFAULT__',
    'privatekey' => $settings['key'] . '.key',
    'certificate' => $settings['key'] . '.pem',
    'auth' => 'people',
    'SingleSignOnServiceBinding' => [
        'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect',
        'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST',
    ],
    'SingleLogoutServiceBinding' => [
        'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect',
        'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST',
    ],
    'signature.algorithm' => 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    'validate.authnrequest' => true,
    'redirect.sign' => true,
    'redirect.validate' => true,
    'sign.logout' => true,
    'NameIDFormat' => [$persistent],
    'authproc' => [
        10 => ['class' => 'saml:AttributeNameID', 'attribute' => 'id', 'Format' => $persistent],
    ],
] + $settings['options'];
