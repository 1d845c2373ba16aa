//! Reads the command line and runs one command.

use std::process::ExitCode;

use mimalloc::MiMalloc;

// A tenth of a launch's time is allocation; and hashing passwords, 19 MiB at a time, must return
// the memory.
#[global_allocator]
static MEMORY: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    usher::command::main()
}
