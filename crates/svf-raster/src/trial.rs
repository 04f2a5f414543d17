//! Tests a driver with a corner of the output, before hours of work.

use std::path::Path;

use gdal::{Dataset, DatasetOptions, DriverManager, GdalOpenFlags};
use svf_kernel::tile::Window;

use crate::copy::copy;
use crate::create::{create_dataset, describe};
use crate::driver::{base_options, creation_options, is_copied, output_driver};
use crate::error::{Op, RasterError};
use crate::output::OutputSpec;
use crate::staging::{BASE, Staging};
use crate::{io, session};

/// Lets a driver that can only copy make a copy of a corner of the output. So what it refuses or
/// misinterprets is known before hours of work.
///
/// # Errors
/// The driver's reason to refuse the bands, their type or an option; or that it would make a
/// picture of colours.
pub fn try_driver(spec: &OutputSpec) -> Result<(), RasterError> {
    output_driver(spec)?;
    if !is_copied(spec) || spec.driver == "GTiff" {
        return Ok(());
    }
    let count = spec.bands.len();
    let failed = match try_bands(spec, count)? {
        Ok(colours) if colours.is_empty() || count == 1 => return Ok(()),
        Ok(colours) => {
            let reason = format!(
                "driver {} would store {count} bands as the colours of a picture ({})",
                spec.driver,
                colours.join(", ")
            );
            return Err(RasterError::new(Op::Config, &spec.path, reason).hint(ONE_BAND));
        }
        Err(reason) => reason,
    };
    if count > 1 && try_bands(spec, 1)?.is_ok() {
        let reason = format!("driver {} cannot store {count} bands: {failed}", spec.driver);
        return Err(RasterError::new(Op::Config, &spec.path, reason).hint(ONE_BAND));
    }
    Err(RasterError::new(Op::Create, &spec.path, failed))
}

const ONE_BAND: &str = "a GeoTIFF (.tif) or netCDF file can have any number of bands; --separate writes one file per measure";

/// Copies a few cells of `bands` bands. Returns the colours that the driver uses for them, or its
/// reason to refuse.
fn try_bands(spec: &OutputSpec, bands: usize) -> Result<Result<Vec<String>, String>, RasterError> {
    const SIDE: u64 = 64;
    let (rows, cols) = (spec.grid.rows.min(SIDE), spec.grid.cols.min(SIDE));
    let ending = Path::new(&spec.path).extension().map(|e| e.to_string_lossy().into_owned());
    let name = format!("svf-trial.{}", ending.as_deref().unwrap_or("tif"));
    let path = std::env::temp_dir().join(name).display().to_string();
    let small = OutputSpec {
        path: path.clone(),
        grid: spec.grid.part(&Window { row: 0, col: 0, rows, cols }),
        bands: spec.bands[..bands].to_vec(),
        ..spec.clone()
    };
    let staging = Staging::new(&path)?;
    let said = |e: gdal::errors::GdalError| session::reason(&e);
    let attempt = || {
        let gtiff = DriverManager::get_driver_by_name("GTiff").map_err(said)?;
        let base = staging.scratch(BASE);
        let mut dataset =
            create_dataset(&gtiff, &base, &small, &base_options(&small)).map_err(said)?;
        describe(&mut dataset, &small).map_err(said)?;
        dataset.close().map_err(said)?;
        let base = Dataset::open(base).map_err(said)?;
        let driver = output_driver(&small).map_err(|e| e.reason)?;
        copy(&base, &driver, staging.main(), &creation_options(&small), &mut |_| true)?;
        let options = DatasetOptions {
            open_flags: GdalOpenFlags::GDAL_OF_READONLY | GdalOpenFlags::GDAL_OF_RASTER,
            ..DatasetOptions::default()
        };
        let made = Dataset::open_ex(staging.main(), options).map_err(said)?;
        let colours = (1..=made.raster_count())
            .filter_map(|number| made.rasterband(number).ok())
            .filter_map(|band| io::colour(&band));
        Ok(colours.collect())
    };
    Ok(session::may_fail(attempt).map_err(|reason: String| staging.as_of(&reason, &spec.path)))
}
