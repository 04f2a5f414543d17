//! All four tools in one file: `svf-tools compute INPUT OUTPUT`, or a link to it that is called
//! `svf_compute`.

fn main() -> std::process::ExitCode {
    svf_cli::all::main(std::env::args_os().collect())
}
