<?php
// SimpleSAMLphp as an identity provider for the tests, unmodified. What differs from test to test (its address, who it
// trusts, what it signs and encrypts) is in settings.json, in the directory that USHER_IDP_HOME names; each request
// reads it anew, so a test may change it.
$home = getenv('USHER_IDP_HOME');
$settings = json_decode(file_get_contents("$home/settings.json"), true);

$config = [
    'baseurlpath' => $settings['url'] . '/',
    'certdir' => "$home/",
    'metadatadir' => __DIR__ . '/metadata/',
    'tempdir' => "$home/tmp",
    'datadir' => "$home/",
    'secretsalt' => $settings['salt'],
    'auth.adminpassword' => $settings['salt'],
    'technicalcontact_email' => 'nobody@example.org',
    'timezone' => 'UTC',
    'logging.handler' => 'file',
    'loggingdir' => "$home/",
    'logging.logfile' => 'simplesamlphp.log',
    'logging.level' => SimpleSAML\Logger::NOTICE,
    'showerrors' => true,
    'errorreporting' => false,
    'enable.saml20-idp' => true,
    'module.enable' => ['core' => true, 'saml' => true, 'exampleauth' => true],
    'metadata.sources' => [
        ['type' => 'flatfile'],
        // The portal's own metadata, as it publishes them.
        ['type' => 'xml', 'file' => "$home/portal.xml"],
    ],
    'store.type' => 'phpsession',
    'session.phpsession.savepath' => "$home/tmp",
    'session.cookie.secure' => false,
    'session.cookie.samesite' => null,
    'session.phpsession.httponly' => true,
    'language.available' => ['en'],
    'language.default' => 'en',
    'language.cookie.secure' => false,
    'language.cookie.samesite' => null,
];
