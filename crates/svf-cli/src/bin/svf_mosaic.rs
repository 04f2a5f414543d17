//! `svf_mosaic PLAN.json OUTPUT`: joins finished tiles to one raster.

fn main() -> std::process::ExitCode {
    svf_cli::mosaic::main(std::env::args_os())
}
