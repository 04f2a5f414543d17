//! `svf_tile INPUT PLAN.json`: what a raster is, and a plan to compute it in tiles.

fn main() -> std::process::ExitCode {
    svf_cli::tile::main()
}
