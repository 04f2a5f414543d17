# Formula for Homebrew, built over its GDAL. To submit: RELEASE.md.
class SvfTools < Formula
  desc "Sky view factor, openness and horizon angles of elevation rasters"
  homepage "https://github.com/svf-tools/svf-tools"
  url "https://github.com/svf-tools/svf-tools/archive/refs/tags/v0.1.0.tar.gz"
  sha256 "0000000000000000000000000000000000000000000000000000000000000000"
  license any_of: ["MIT", "Apache-2.0"]

  depends_on "pkgconf" => :build
  depends_on "rust" => :build
  depends_on "gdal"

  def install
    # The bindings of GDAL 3.12 also fit later versions, whose functions are the same.
    ENV["GDAL_VERSION"] = "3.12.0" if Formula["gdal"].version >= "3.13"
    system "cargo", "install", *std_cargo_args(path: "crates/svf-cli")
    system "cargo", "run", "--release", "--locked", "--package", "xtask", "--", "pages", buildpath/"pages"
    man1.install Dir["pages/share/man/man1/*.1"]
    bash_completion.install Dir["pages/share/bash-completion/completions/*"]
    zsh_completion.install Dir["pages/share/zsh/vendor-completions/*"]
    fish_completion.install Dir["pages/share/fish/vendor_completions.d/*"]
  end

  test do
    header = "ncols 3\nnrows 3\nxllcorner 0\nyllcorner 0\ncellsize 1\n"
    (testpath/"dem.asc").write "#{header}0 0 0\n0 9 0\n0 0 0\n"
    system bin/"svf_compute", "dem.asc", "svf.asc", "--radius", "2", "-n", "8"
    assert_match "1", (testpath/"svf.asc").read.split("\n")[-2]
    assert_match version.to_s, shell_output("#{bin}/svf_mosaic --version")
  end
end
