-- What a session was redeemed for, when it ends: its clients are notified. Without this, each logout
-- reads every grant there is, while no other transaction may write.
create index grants_by_session on grants (session_id) where redeemed_at is not null;
