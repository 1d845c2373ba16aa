//! Reads the command line and runs one command.

use std::process::ExitCode;

fn main() -> ExitCode {
    usher::command::main()
}
