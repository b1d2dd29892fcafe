package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gatefold/gatefold/internal/app"
	"github.com/gatefold/gatefold/internal/config"
)

func (p Process) serve() *cobra.Command {
	var s source
	c := &cobra.Command{
		Use:   "serve",
		Short: "Serve a journal",
		Long: `Serve a journal until it is told to stop (SIGTERM, or Ctrl-C).

Requests under way are then finished; a second signal ends the program at once.
Without --config the defaults and the environment hold.`,
		Example: "  gatefold serve --config /etc/gatefold/gatefold.toml",
		Args:    takes(),
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := s.load(c, p.Env)
			if err != nil {
				return err
			}
			a, err := app.New(c.Context(), cfg, p.options())
			if err != nil {
				return err
			}
			return closing(a, a.Run(c.Context()))
		},
	}
	s.fileFlags(c)
	s.themeFlag(c)
	return c
}

// options are those of every app and its services that this process opens.
func (p Process) options() app.Options {
	return app.Options{Version: p.version(), Log: p.Stderr, NotifySocket: p.variable("NOTIFY_SOCKET")}
}

// variable returns a variable of the environment, "" when it is not set.
func (p Process) variable(name string) string {
	for _, pair := range p.Env {
		if value, ok := strings.CutPrefix(pair, name+"="); ok {
			return value
		}
	}
	return ""
}

// withServices opens a journal without its site, for one command. A journal that is not there, or whose database is not
// at this version's schema, is refused: a command that looks something up changes no schema under a running server.
func (p Process) withServices(ctx context.Context, cfg config.Config, f func(*app.Services) error) error {
	o := p.options()
	o.AsIs = true
	return p.withOptions(ctx, cfg, o, f)
}

// withOptions is withServices with other options.
func (p Process) withOptions(ctx context.Context, cfg config.Config, o app.Options, f func(*app.Services) error) error {
	j, err := app.Open(ctx, cfg, o)
	if err != nil {
		return err
	}
	return closing(j, f(j))
}

// closing closes what a command used. The command's own error comes first.
func closing(c interface{ Close() error }, err error) error {
	if closed := c.Close(); err == nil {
		err = closed
	}
	return err
}
