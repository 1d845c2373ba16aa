<?php
// SimpleSAMLphp as a service provider for the tests, unmodified. What differs from run to run (its address, whom it
// trusts) is in the directory that USHER_SP_HOME names.
$home = getenv('USHER_SP_HOME');
$settings = json_decode(file_get_contents("$home/settings.json"), true);

$config = [
    'baseurlpath' => $settings['url'] . '/',
    'certdir' => "$home/",
    'metadatadir' => "$home/",
    'tempdir' => "$home/tmp",
    'datadir' => "$home/",
    'secretsalt' => $settings['salt'],
    'auth.adminpassword' => $settings['salt'],
    'technicalcontact_email' => 'nobody@example.org',
    'timezone' => 'UTC',
    'logging.handler' => 'file',
    'loggingdir' => "$home/",
    'logging.logfile' => 'simplesamlphp.log',
    'logging.level' => SimpleSAML\Logger::INFO,
    'showerrors' => true,
    'errorreporting' => false,
    'module.enable' => ['core' => true, 'saml' => true],
    // The portal's own metadata, as it publishes them.
    'metadata.sources' => [['type' => 'xml', 'file' => "$home/portal.xml"]],
    // Where the browser may be sent besides this address: nowhere.
    'trusted.url.domains' => [],
    // Only with a database does it find the session that a message by SOAP means, and remember what it has seen.
    'store.type' => 'sql',
    'store.sql.dsn' => "sqlite:$home/store.sqlite",
    'session.cookie.secure' => false,
    'session.cookie.samesite' => null,
    'language.available' => ['en'],
    'language.default' => 'en',
    'language.cookie.secure' => false,
    'language.cookie.samesite' => null,
];
