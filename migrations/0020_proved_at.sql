-- When the user proved who they are, as far as that is known: an OpenID provider need not say it.
-- What sessions of such providers have said so far is not told apart from what was assumed.
alter table sessions add column proved_at bigint;
update sessions set proved_at = authenticated_at
where provider not in (select slug from identity_providers where kind = 'oidc');
