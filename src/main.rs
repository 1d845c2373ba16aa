//! Reads the command line and runs one command.

use std::process::ExitCode;

use mimalloc::MiMalloc;

// A tenth of a launch's time is memory; and hashing passwords, 19 MiB at a time, must give it back.
#[global_allocator]
static MEMORY: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    usher::command::main()
}
