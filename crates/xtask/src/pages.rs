//! Man pages, and completions for bash, zsh, fish and PowerShell, from the definitions that
//! `--help` is made of.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use clap::builder::{PossibleValuesParser, Resettable};
use clap::{Arg, Command, Id, ValueHint};
use clap_complete::{Shell, generate};
use clap_mangen::Man;
use svf_kernel::Measure;

/// Where packages of Linux distributions keep the completions of a shell, below `/usr`, with `NAME`
/// for the name of a program.
const SHELLS: [(Shell, &str); 4] = [
    (Shell::Bash, "share/bash-completion/completions/NAME"),
    (Shell::Zsh, "share/zsh/vendor-completions/_NAME"),
    (Shell::Fish, "share/fish/vendor_completions.d/NAME.fish"),
    (Shell::PowerShell, "share/svf-tools/powershell/NAME.ps1"),
];

/// Writes all of them into a folder that is laid out like `/usr`.
pub fn write(folder: &Path) -> Result<()> {
    let mut programs = vec![svf_cli::all::command()];
    programs.extend(svf_cli::all::commands());
    for program in programs {
        let name = program.get_name().to_owned();
        for (shell, place) in SHELLS {
            let mut text = Vec::new();
            generate(shell, &mut without_hidden(&program), &name, &mut text);
            let mut text = with_lists(shell, &String::from_utf8(text)?);
            if shell == Shell::Bash {
                text = with_one_name(&text, &name);
            }
            store(&folder.join(place.replace("NAME", &name)), text.as_bytes())?;
        }
        for (page, text) in man_pages(program, &name)? {
            store(&folder.join("share/man/man1").join(page), &text)?;
        }
    }
    Ok(())
}

/// Completions for bash in which the subcommands of a program whose name has a dash are called as where
/// they are looked for.
fn with_one_name(text: &str, name: &str) -> String {
    text.replace(&name.replace('-', "__subcmd__"), &name.replace('-', "__"))
}

/// Completions that know the list of measures: after `--measure svf,` comes another measure.
fn with_lists(shell: Shell, text: &str) -> String {
    let names = Measure::ALL.map(|measure| measure.name());
    let spaced = names.join(" ");
    let (alone, listed) = match shell {
        Shell::Bash => (
            format!("compgen -W \"{spaced}\" -- \"${{cur}}\""),
            format!("compgen -P \"${{cur%\"${{cur##*,}}\"}}\" -W \"{spaced}\" -- \"${{cur##*,}}\""),
        ),
        Shell::Zsh => (format!(":NAME:({spaced})"), format!(":NAME:_values -s , NAME {spaced}")),
        Shell::Fish => (
            format!("-a \"{}\"", names.map(|name| format!("{name}\\t''")).join("\n")),
            format!("-a \"(__fish_append , {spaced})\""),
        ),
        _ => return text.to_owned(),
    };
    text.replace(&alone, &listed)
}

/// A program without the arguments that its help does not show: completions would offer them.
fn without_hidden(command: &Command) -> Command {
    // clap only takes names that live as long as the program.
    let name: &'static str = command.get_name().to_owned().leak();
    let shown = command.get_arguments().filter(|argument| !argument.is_hide_set()).cloned();
    // Without what they say of those that are left out.
    let none = || Resettable::<Id>::Reset;
    let shown = shown.map(|argument| {
        let alone = argument.conflicts_with(none()).requires(none());
        let alone = alone.required_unless_present(none()).overrides_with(none());
        match alone.get_id().as_str() {
            // Its help is a table of its own.
            "measure" => {
                alone.value_parser(PossibleValuesParser::new(Measure::ALL.map(|m| m.name())))
            }
            "north" => alone.value_parser(PossibleValuesParser::new(["grid", "true"])),
            _ => with_hint(alone),
        }
    });
    let parts = command.get_subcommands().filter(|part| !part.is_hide_set()).map(without_hidden);
    let about = command.get_about().cloned().unwrap_or_default();
    let without_help = command.is_disable_help_subcommand_set();
    Command::new(name)
        .about(about)
        .disable_help_subcommand(without_help)
        .args(shown)
        .subcommands(parts)
}

/// An option that says whether its value is a file, a folder, or something that shells do not know.
fn with_hint(option: Arg) -> Arg {
    let name = option.get_value_names().and_then(|names| names.first()).map(ToString::to_string);
    if option.is_positional() || !option.get_possible_values().is_empty() {
        return option;
    }
    match name.as_deref() {
        None => option,
        Some("FILE" | "RASTER" | "MASK" | "PLAN" | "CRS") => option.value_hint(ValueHint::FilePath),
        Some("DIR") => option.value_hint(ValueHint::DirPath),
        Some(_) => option.value_hint(ValueHint::Other),
    }
}

fn store(path: &Path, text: &[u8]) -> Result<()> {
    let failed = || format!("cannot write {}", path.display());
    fs::create_dir_all(path.parent().unwrap_or(path)).with_context(failed)?;
    fs::write(path, text).with_context(failed)
}

/// Names and texts of the pages of a program and of its subcommands; those of `svf-tools` are the
/// tools, which have pages of their own.
fn man_pages(program: Command, name: &str) -> Result<Vec<(String, Vec<u8>)>> {
    let program = program.bin_name(name).display_name(name);
    let mut pages = vec![(format!("{name}.1"), man_page(&program)?)];
    if name.contains('_') {
        for part in program.get_subcommands().filter(|part| !part.is_hide_set()) {
            let (dashed, spaced) =
                (format!("{name}-{}", part.get_name()), format!("{name} {}", part.get_name()));
            // clap only takes names that live as long as the program.
            let title: &'static str = dashed.clone().leak();
            let part = part.clone().name(title).bin_name(spaced).display_name(title);
            pages.push((format!("{dashed}.1"), man_page(&part)?));
        }
    }
    Ok(pages)
}

fn man_page(command: &Command) -> Result<Vec<u8>> {
    let man = Man::new(command.clone())
        .title(command.get_name().to_uppercase())
        .section("1")
        .source(concat!("svf-tools ", env!("CARGO_PKG_VERSION")))
        .manual("Sky view factor");
    let mut text = Vec::new();
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    if command.get_name() == "svf-tools" {
        writeln!(text, ".SH TOOLS")?;
        for tool in svf_cli::all::commands() {
            let about = tool.get_about().map(ToString::to_string).unwrap_or_default();
            let name = tool.get_name();
            let short = name.trim_start_matches("svf_");
            writeln!(text, ".TP\n\\fBsvf\\-tools {short}\\fR, \\fB{}\\fR(1)", escaped(name))?;
            writeln!(text, "{}", escaped(&about))?;
        }
    }
    let notes = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    for part in notes.split("\n\n").filter(|part| !part.is_empty()) {
        write_notes(part, &mut text)?;
    }
    Ok(text)
}

/// A paragraph after the options. Its lines stay as they are, because they are examples and
/// tables; its first words are the title, up to a colon.
fn write_notes(part: &str, text: &mut Vec<u8>) -> Result<()> {
    let (title, rest) = part.split_once(':').unwrap_or(("Notes", part));
    let plain = title.split('(').next().unwrap_or(title).trim();
    let (plain, rest) = if plain.split(' ').count() > 2 { ("Notes", part) } else { (plain, rest) };
    let remark = title.split_once('(').filter(|_| plain != "Notes").map(|(_, remark)| remark);
    writeln!(text, ".SH {}", plain.to_uppercase())?;
    // The colon of a remark in brackets is not the one after the title.
    let rest = remark.map_or(rest.to_owned(), |remark| format!("({remark}:{rest}"));
    writeln!(text, ".nf")?;
    for line in rest.trim_matches(['\n', ' ']).lines() {
        writeln!(text, "{}", escaped(line.trim_start_matches("  ").trim_end()))?;
    }
    writeln!(text, ".fi")?;
    Ok(())
}

/// Text that roff prints as it is.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    if text.starts_with(['.', '\'']) { format!("\\&{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(folder: &Path, name: &str) -> String {
        fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    #[test]
    fn each_program_has_a_page_and_completions_with_its_options() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path()).unwrap();
        for (name, option) in
            [("svf_compute", "radius"), ("svf_tile", "skip-empty"), ("svf_mosaic", "allow-missing")]
        {
            let page = read(folder.path(), &format!("share/man/man1/{name}.1"));
            assert!(page.contains(&escaped(&format!("--{option}"))), "{page}");
            assert!(page.contains(".SH EXAMPLES") && page.contains(".SH EXIT CODES"), "{page}");
            for (_, place) in SHELLS {
                let text = read(folder.path(), &place.replace("NAME", name));
                assert!(text.contains(option), "{place} {name}");
            }
        }
        let compute = read(folder.path(), "share/man/man1/svf_compute.1");
        assert!(compute.contains(".SH MEASURES\n.nf\n(g: horizon angle"), "{compute}");
        for part in ["point", "section", "resources"] {
            let page = read(folder.path(), &format!("share/man/man1/svf_profile-{part}.1"));
            assert!(page.contains(".SH SYNOPSIS\n\\fBsvf_profile "), "{page}");
        }
        // Those for PowerShell have no values.
        for (_, place) in &SHELLS[..3] {
            let text = read(folder.path(), &place.replace("NAME", "svf_compute"));
            assert!(text.contains("openness-negative"), "{place}");
        }
        for (place, listed) in [
            (&SHELLS[0].1, "compgen -P"),
            (&SHELLS[1].1, ":_values -s , NAME svf "),
            (&SHELLS[2].1, "(__fish_append , svf "),
        ] {
            let text = read(folder.path(), &place.replace("NAME", "svf_compute"));
            assert_eq!(text.matches(listed).count(), 1, "{place}");
        }
        let all = read(folder.path(), "share/man/man1/svf-tools.1");
        assert!(all.contains("\\fBsvf\\-tools compute\\fR, \\fBsvf_compute\\fR(1)"), "{all}");
        assert!(all.contains("svf_compute") && all.contains("svf_profile"), "{all}");
        let bash = read(folder.path(), "share/bash-completion/completions/svf-tools");
        assert!(bash.contains("--skip-empty") && bash.contains("compute"));
        let named: Vec<&str> =
            bash.split("cmd=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(named.contains(&"svf__tools__subcmd__profile__subcmd__point"), "{named:?}");
        for name in named.into_iter().filter(|name| !name.is_empty()) {
            assert!(bash.contains(&format!("\n        {name})\n")), "no options for {name}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn bash_completes_names_with_blanks_and_folders() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path()).unwrap();
        let files = folder.path().join("files");
        fs::create_dir_all(files.join("my dir")).unwrap();
        fs::write(files.join("my trees.tif"), "").unwrap();
        let completed = |words: &str| {
            // The functions that bash has while it completes are not there: what is asked of them is shown.
            let script = format!(
                ". ../share/bash-completion/completions/svf_compute; compopt() {{ echo \"$@\"; }}
                 words=({words}); COMP_WORDS=(\"${{words[@]}}\"); COMP_CWORD=$((${{#words[@]}} - 1))
                 _svf_compute svf_compute \"${{words[-1]}}\" \"${{words[-2]}}\"
                 printf '%s\\n' \"${{COMPREPLY[@]}}\" | sort"
            );
            let mut bash = std::process::Command::new("bash");
            let done = bash.args(["--norc", "-c", &script]).current_dir(&files).output().unwrap();
            String::from_utf8(done.stdout).unwrap().lines().map(str::to_owned).collect::<Vec<_>>()
        };
        let files = ["-o filenames", "my dir", "my trees.tif"];
        assert_eq!(completed("svf_compute --canopy my"), files);
        assert_eq!(completed("svf_compute --plan my"), files);
        assert_eq!(completed("svf_compute --work-dir my"), ["-o plusdirs", ""]);
        assert_eq!(completed("svf_compute --radius my"), ["-o nospace", "my"]);
        assert_eq!(completed("svf_compute --north t"), ["true"]);
    }

    #[test]
    fn completions_offer_what_the_help_shows() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path()).unwrap();
        for program in svf_cli::all::commands() {
            let name = program.get_name().to_owned();
            let (hidden, shown): (Vec<_>, Vec<_>) = program
                .get_arguments()
                .filter(|a| a.get_long().is_some())
                .partition(|a| a.is_hide_set());
            for (shell, place) in SHELLS {
                let text = read(folder.path(), &place.replace("NAME", &name));
                let words: Vec<&str> =
                    text.split(|c: char| !c.is_alphanumeric() && c != '-').collect();
                let offered = |argument: &clap::Arg| {
                    let long = argument.get_long().unwrap();
                    match shell {
                        Shell::Fish => words.windows(2).any(|pair| pair == ["-l", long]),
                        _ => words.contains(&&*format!("--{long}")),
                    }
                };
                for argument in &shown {
                    assert!(offered(argument), "{shell} {name} lacks {}", argument.get_id());
                }
                for argument in &hidden {
                    assert!(!offered(argument), "{shell} {name} offers {}", argument.get_id());
                }
            }
        }
        let mosaic =
            svf_cli::all::commands().into_iter().find(|p| p.get_name() == "svf_mosaic").unwrap();
        assert!(mosaic.get_arguments().any(|a| a.get_long() == Some("band") && a.is_hide_set()));
    }

    #[test]
    fn roff_does_not_take_text_for_commands() {
        assert_eq!(escaped(".tif and a\\b"), "\\&.tif and a\\eb");
        assert_eq!(escaped("--radius"), "\\-\\-radius");
    }
}
