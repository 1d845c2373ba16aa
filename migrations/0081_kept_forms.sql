-- Forms that were sent after their session had ended, while their people sign in again.
create table kept_forms (
    id text primary key,
    browser_hash text not null,
    user_id text not null,
    -- Where the form was to go, what was in it (JSON, pairs), and the page it was on.
    action text not null,
    fields text not null,
    page text not null,
    expires_at bigint not null
);
create index kept_forms_by_end on kept_forms (expires_at);
