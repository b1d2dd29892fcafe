package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is that of the binary, or of the module it was built from, or "unknown".
func (p Process) version() string {
	v := p.Version
	if info, ok := debug.ReadBuildInfo(); ok && v == "" {
		v = info.Main.Version
	}
	if v == "" {
		v = "unknown"
	}
	return v
}

func (p Process) showVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Tell the version of this binary",
		Args:  takes(),
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(p.Stdout, "gatefold %s (%s %s/%s)\n", p.version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}
