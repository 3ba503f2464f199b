//! The command line: `zhijian inspect`, `zhijian standards`, `zhijian check`.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run(std::env::args_os())
}
