//! The output of commands, in the one place that handles failures of a terminal or a pipe.

use std::{
    fmt,
    io::{self, Write},
    process,
};

/// Prints a line to standard output. Unlike `println!`, it does not panic if no process reads it.
macro_rules! print_line {
    () => {
        $crate::command::output::line(format_args!(""))
    };
    ($($text:tt)+) => {
        $crate::command::output::line(format_args!($($text)+))
    };
}

/// Prints a line to standard error, as `eprintln!` does.
macro_rules! print_error {
    ($($text:tt)+) => {
        $crate::command::output::error_line(format_args!($($text)+))
    };
}

/// A line on standard output. If its reader has closed the pipe (`usher check | head`), the rest of
/// the output is dropped: the command still finishes its work, and its exit code is its result.
/// Output that is lost for any other reason (a full disk) ends the process with an error.
pub fn line(text: fmt::Arguments<'_>) {
    if let Err(error) = writeln!(io::stdout(), "{text}")
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        error_line(format_args!("usher: standard output: {error}"));
        process::exit(1);
    }
}

/// A line on standard error. A failure is ignored, because there is no other place to report it.
pub fn error_line(text: fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr(), "{text}");
}
