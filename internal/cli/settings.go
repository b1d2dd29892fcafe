package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gatefold/gatefold/internal/config"
	"github.com/gatefold/gatefold/internal/web"
)

// settings is the command "config".
func (p Process) settings() *cobra.Command {
	return group("config", "Write, explain and check a configuration",
		p.print("example", "Print a configuration file with every setting at its default", config.Example),
		p.print("reference", "Print what every setting means, in Markdown", config.Reference),
		p.checkSettings())
}

func (p Process) print(name, short string, text func() string) *cobra.Command {
	return &cobra.Command{
		Use: name, Short: short, Args: takes(),
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprint(p.Stdout, text())
			return err
		},
	}
}

func (p Process) checkSettings() *cobra.Command {
	var s source
	c := &cobra.Command{
		Use:   "check",
		Short: "Check a configuration with the environment, and warn of what will not work",
		Args:  takes(),
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := s.load(c, p.Env)
			if err != nil {
				return err
			}
			if err := web.CheckLook(cfg); err != nil {
				return err
			}
			for _, w := range warnings(cfg) {
				fmt.Fprintln(p.Stderr, "warning: "+w)
			}
			_, err = fmt.Fprintf(p.Stdout, "The configuration is valid. %s listens on %s and keeps its data in %s.\n",
				cfg.Publication.Name, cfg.Server.Listen, where(cfg))
			return err
		},
	}
	s.flags(c)
	return c
}

// warnings are what is allowed and yet hardly wanted of a publication that serves readers.
func warnings(c config.Config) []string {
	var out []string
	if !c.MailLeaves() {
		out = append(out, "mail.smtp_url is empty: nobody can confirm an address or sign in, as mail is kept and not sent")
	}
	if c.Secure() && c.Origin().Scheme == "http" {
		out = append(out, "publication.url is http: browsers keep no Secure cookie from there, so nobody can sign in")
	}
	if c.Server.InsecureCookies {
		out = append(out, "server.insecure_cookies is on: for trying things out on one machine only")
	}
	return out
}

// where names the database and, beside it, the folder of files.
func where(c config.Config) string {
	if c.Postgres() {
		return fmt.Sprintf("PostgreSQL (%s), its files in %s", c.Database.URL, c.Data.Dir)
	}
	return c.Data.Dir
}
