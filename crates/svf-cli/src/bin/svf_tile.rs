//! `svf_tile INPUT PLAN.json`: prints the properties of a raster, and makes a plan to compute it
//! in tiles.

fn main() -> std::process::ExitCode {
    svf_cli::tile::main(std::env::args_os())
}
