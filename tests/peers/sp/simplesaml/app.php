<?php
// The application behind SimpleSAMLphp: PHP's built-in server asks this script first.
//   /{source}/customers/{key}   a record, for those signed in; others are sent to sign in first
//   /{source}/session           what the library verified, as JSON
//   /                           the public page
// Everything else is SimpleSAMLphp's own.
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if ($path === '/') {
    echo '<!doctype html><title>peer</title><p data-testid="home">Home</p>';
    return true;
}
if (!preg_match('#^/(asked|unasked|paged)/(customers|session)(?:/([^/]+))?$#', $path, $found)) {
    return false;
}
[, $source, $door] = $found;
require_once $_SERVER['DOCUMENT_ROOT'] . '/../lib/_autoload.php';
$who = new SimpleSAML\Auth\Simple($source);
if ($door === 'session') {
    $name = $who->getAuthData('saml:sp:NameID');
    header('content-type: application/json');
    echo json_encode([
        'isSignedIn' => $who->isAuthenticated(),
        'attributes' => $who->getAttributes(),
        'name' => $name ? $name->getValue() : null,
        'format' => $name ? $name->getFormat() : null,
        'index' => $who->getAuthData('saml:sp:SessionIndex'),
        'context' => $who->getAuthData('saml:sp:AuthnContext'),
    ]);
    return true;
}
$who->requireAuth();
$attributes = $who->getAttributes();
$text = fn ($value) => htmlspecialchars($value, ENT_QUOTES);
$keys = $attributes['urn:usher:context:customer'] ?? null;
echo '<!doctype html><title>peer</title>'
    . '<p data-testid="who">' . $text($attributes['displayName'][0]) . '</p>'
    . '<h1 data-testid="record">' . $text(rawurldecode($found[3])) . '</h1>'
    . '<pre data-testid="context">' . $text($keys ? implode(' ', $keys) : 'no context') . '</pre>';
return true;
