"""Renders the recipe for each platform, as conda-forge does: pip install py-rattler-build; python render.py."""

import pathlib

import rattler_build

RECIPE = pathlib.Path(__file__).with_name("recipe.yaml")
# Of conda-forge's own pins: what compiler() and stdlib() become.
VARIANTS = """\
c_compiler: [gcc]
c_stdlib: [sysroot]
rust_compiler: [rust]
"""
for platform in ("linux-64", "win-64", "osx-arm64"):
    variants = rattler_build.VariantConfig.from_yaml(VARIANTS)
    config = rattler_build.RenderConfig(platform=rattler_build.PlatformConfig(target_platform=platform))
    recipe = rattler_build.Stage0Recipe.from_yaml(RECIPE.read_text(encoding="utf-8"))
    for variant in recipe.render(variants, config):
        print(platform, variant.recipe.package.name, variant.recipe.package.version)
