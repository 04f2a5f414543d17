/* A program for Windows: all that it does is in svf-tools.dll, which finds its arguments and its name by itself. */
int svf_tools_main(void);

int main(void) {
    return svf_tools_main();
}
