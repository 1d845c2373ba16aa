<?php
// The users of the tests, each with the attributes that a directory would release.
$known = json_decode(file_get_contents(dirname(__DIR__) . '/people.json'), true);
$users = [];
foreach ($known['people'] as $one) {
    $users["{$one['login']}:{$known['password']}"] = [
        'id' => [$one['id']],
        'uid' => [$one['login']],
        'displayName' => [$one['name']],
        'mail' => [$one['mail']],
        'region' => [$one['region']],
        'department' => [$one['department']],
        'groups' => $one['groups'],
    ];
}

$config = ['people' => ['exampleauth:UserPass'] + $users];
