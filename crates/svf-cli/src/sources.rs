//! Decides which arguments of the command line are rasters to read, and which is the output.

use std::path::Path;

use svf::Error;
use svf::gather::label;
use svf::request::Files;
use svf::stream::is_stdin;
use svf_job::events::Diagnostic;
use svf_raster::examine::is_foreign_raster;

use crate::args::SourceArgs;

/// Divides arguments into rasters to read and the last one, which is the output. Two arguments
/// are INPUT and OUTPUT; one is INPUT, or OUTPUT if a list names the rasters.
///
/// # Errors
/// Both rasters and a list.
fn share_out(words: Vec<String>, has_list: bool) -> Result<(Vec<String>, Option<String>), String> {
    let mut words: Vec<String> = words.into_iter().filter(|word| !word.is_empty()).collect();
    if has_list {
        return match words.len() {
            0 | 1 => Ok((Vec::new(), words.pop())),
            _ => Err("with --input-list, give only OUTPUT: the list names the rasters".into()),
        };
    }
    let output = if words.len() > 1 { words.pop() } else { None };
    Ok((words, output))
}

/// Replaces the short name of standard input or output.
pub(crate) fn of_stream(word: String, stream: &str) -> String {
    if word == "-" { stream.to_owned() } else { word }
}

impl SourceArgs {
    /// Divides arguments into rasters to read and the output. Returns the name of the input, its
    /// files if the name does not say them, and the output.
    ///
    /// # Errors
    /// Both rasters and a list of rasters.
    pub(crate) fn share_out(
        &self,
        words: Vec<String>,
    ) -> Result<(String, Files, Option<String>), String> {
        let (mut inputs, output) = share_out(words, self.input_list.is_some())?;
        let output = output.map(|word| of_stream(word, "/vsistdout/"));
        if let Some(list) = &self.input_list {
            // A name that is not a raster on standard input.
            let name = match list.display().to_string() {
                stream if is_stdin(&stream) => "the list".to_owned(),
                name => name,
            };
            return Ok((name, Files::List(list.clone()), output));
        }
        inputs = inputs.into_iter().map(|word| of_stream(word, "/vsistdin/")).collect();
        match inputs.len() {
            0 | 1 => Ok((inputs.pop().unwrap_or_default(), Files::Itself, output)),
            _ => Ok((label(&inputs), Files::Found(inputs), output)),
        }
    }
}

/// Refuses a last argument that is a raster like the others: the shell replaced `tiles/*.tif` by
/// file names, and the user forgot OUTPUT. This is refused even with `--overwrite`.
///
/// # Errors
/// A usage error.
pub(crate) fn refuse_forgotten(files: &Files, output: Option<&str>) -> Result<(), Error> {
    let (Some(output), Files::Found(several)) = (output, files) else { return Ok(()) };
    let is_there = Path::new(output).is_file();
    if is_there && is_foreign_raster(output) {
        let message = format!(
            "the last of {} names is the output, but {output} is a raster that these tools did \
             not write",
            several.len() + 1
        );
        let hint = "write the name of the output last, or put the pattern in quotes: 'tiles/*.tif'";
        let diagnostic = Diagnostic::new("output.is_input", message).hint(hint).path(output);
        return Err(Error::refused(diagnostic));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_many_words_is_the_output() {
        let words = |line: &str, list| {
            let words = line.split(' ').map(str::to_owned).collect();
            share_out(words, list)
                .map(|(inputs, output)| (inputs.join(" "), output.unwrap_or_default()))
        };
        let pair = |a: &str, b: &str| Ok((a.to_owned(), b.to_owned()));
        assert_eq!(words("a", false), pair("a", ""));
        assert_eq!(words("a b", false), pair("a", "b"));
        assert_eq!(words("a b c d", false), pair("a b c", "d"));
        assert_eq!(words("d", true), pair("", "d"));
        assert_eq!(words("", true), pair("", ""));
        assert!(words("a b", true).is_err());
    }
}
