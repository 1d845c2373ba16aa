-- Landing receipts: the remote application's word on how a launch ended, one a launch.
create table receipts (
    launch_id text primary key,
    outcome text not null,
    reason text,
    detail text,
    at bigint not null
);
