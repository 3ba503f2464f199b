//! The command line: `zhijian inspect`, `zhijian standards`, `zhijian check`.

mod cli;

use std::process::ExitCode;

/// A batch is many small texts made and dropped.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run(std::env::args_os())
}
