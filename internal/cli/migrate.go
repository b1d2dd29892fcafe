package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gatefold/gatefold/internal/app"
)

func (p Process) migrate() *cobra.Command {
	var s source
	c := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database up to this version's schema",
		Long: `Bring the database up to this version's schema.

"gatefold serve", "demo" and "import" do so by themselves. Every other command
refuses a database that is not up to date. It only goes forward.`,
		Args: takes(),
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := s.load(c, p.Env)
			if err != nil {
				return err
			}
			db, err := app.OpenDatabase(c.Context(), cfg)
			if err != nil {
				return err
			}
			if err := db.Close(); err != nil {
				return err
			}
			_, err = fmt.Fprintf(p.Stdout, "The database is up to date: %s.\n", where(cfg))
			return err
		},
	}
	s.flags(c)
	return c
}
