//! `svf_profile point|section|resources`: why a cell has its value, and what a
//! run costs.

fn main() -> std::process::ExitCode {
    svf_cli::profile::main(std::env::args_os())
}
