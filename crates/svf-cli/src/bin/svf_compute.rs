//! `svf_compute INPUT OUTPUT`: sky view factor and other sky measures of a
//! height raster of any size.

fn main() -> std::process::ExitCode {
    svf_cli::compute::main(std::env::args_os())
}
