package newsroom

import (
	"net/http"
	"strconv"

	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/staff"
)

func (n *Newsroom) peopleRoutes() []Route {
	return []Route{
		{Pattern: "GET /newsroom/people", For: staff.Everyone, Handle: n.people},
		{Pattern: "POST /newsroom/people/invite", For: staff.Owners, Grave: true, Handle: n.invite},
		{Pattern: "POST /newsroom/people/withdraw", For: staff.Owners, Grave: true, Handle: n.withdraw},
		{Pattern: "POST /newsroom/people/{member}/role", For: staff.Owners, Grave: true, Handle: n.setRole},
		{Pattern: "POST /newsroom/people/{member}/remove", For: staff.Owners, Grave: true, Handle: n.removeMember},
		{Pattern: "GET /newsroom/audit", For: staff.Owners, Grave: true, Handle: n.auditLog},
	}
}

// peoplePage is who works here.
type peoplePage struct {
	Frame
	Members     []staff.Member
	Invitations []staff.Invitation
	Roles       []staff.Role
	Email       string // as typed
	Role        staff.Role
}

var peopleDone = map[string]string{"invited": "room.people.done-invited", "withdrawn": "room.people.done-withdrawn",
	"role": "room.people.done-role", "removed": "room.people.done-removed"}

func (n *Newsroom) people(w http.ResponseWriter, r *http.Request, v visit) error {
	f := n.frame(v, n.texts.T("room.people.heading"), "/newsroom/people")
	if key := peopleDone[r.URL.Query().Get("done")]; key != "" {
		f.Done = n.texts.T(key)
	}
	return n.showPeople(w, r, http.StatusOK, peoplePage{Frame: f, Role: staff.Author})
}

func (n *Newsroom) showPeople(w http.ResponseWriter, r *http.Request, status int, p peoplePage) (err error) {
	if p.Members, err = n.Staff.Members(r.Context()); err != nil {
		return err
	}
	if p.Invitations, err = n.Staff.Invitations(r.Context()); err != nil {
		return err
	}
	p.Roles = staff.AllRoles()
	return show(w, r, status, n.screens.people, p)
}

// changePeople runs what a form of the page asks for, and shows the page again.
func (n *Newsroom) changePeople(w http.ResponseWriter, r *http.Request, v visit, done string, f func() error) error {
	if err := r.ParseForm(); err != nil {
		return errForm(err)
	}
	if err := f(); err != nil {
		p := peoplePage{Frame: n.frame(v, n.texts.T("room.people.heading"), "/newsroom/people"), Email: r.PostForm.Get("email"),
			Role: staff.Role(r.PostForm.Get("role"))}
		status, err := p.refuse(err)
		if err != nil {
			return err
		}
		return n.showPeople(w, r, status, p)
	}
	return to(w, r, "/newsroom/people?done="+done)
}

func (n *Newsroom) invite(w http.ResponseWriter, r *http.Request, v visit) error {
	return n.changePeople(w, r, v, "invited", func() error {
		role, err := staff.ParseRole(r.PostForm.Get("role"))
		if err != nil {
			return err
		}
		return n.Staff.Invite(r.Context(), r.PostForm.Get("email"), role, v.Member.Who())
	})
}

func (n *Newsroom) withdraw(w http.ResponseWriter, r *http.Request, v visit) error {
	return n.changePeople(w, r, v, "withdrawn", func() error {
		return n.Staff.Withdraw(r.Context(), r.PostForm.Get("id"), v.Member.Who())
	})
}

// named is the id in a path. NotFound for what is none.
func named(r *http.Request, name string) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue(name), 10, 64)
	if err != nil || id <= 0 {
		return 0, errNoPage()
	}
	return id, nil
}

func (n *Newsroom) setRole(w http.ResponseWriter, r *http.Request, v visit) error {
	member, err := named(r, "member")
	if err != nil {
		return err
	}
	return n.changePeople(w, r, v, "role", func() error {
		role, err := staff.ParseRole(r.PostForm.Get("role"))
		if err != nil {
			return err
		}
		return n.Staff.SetRole(r.Context(), member, role, v.Member.Who())
	})
}

func (n *Newsroom) removeMember(w http.ResponseWriter, r *http.Request, v visit) error {
	member, err := named(r, "member")
	if err != nil {
		return err
	}
	return n.changePeople(w, r, v, "removed", func() error { return n.Staff.Remove(r.Context(), member, v.Member.Who()) })
}

// auditPage is the log of what was done.
type auditPage struct {
	Frame
	Events []readers.Event
	Filter readers.AuditFilter
	Names  map[string]string // of members, by how the log names them
	Older  int64             // the id to go on from, 0 at the end
}

// Name is how the page calls who or what an event names.
func (p auditPage) Name(who string) string {
	if name := p.Names[who]; name != "" {
		return name
	}
	return who
}

// auditLines is how many events a page holds.
const auditLines = 100

func (n *Newsroom) auditLog(w http.ResponseWriter, r *http.Request, v visit) error {
	q := r.URL.Query()
	p := auditPage{Frame: n.frame(v, n.texts.T("room.audit.heading"), "/newsroom/audit"), Names: map[string]string{},
		Filter: readers.AuditFilter{Who: q.Get("who"), What: q.Get("what"), Subject: q.Get("subject")}}
	p.Filter.Before, _ = strconv.ParseInt(q.Get("before"), 10, 64) // what is no number begins at the newest
	members, err := n.Staff.Members(r.Context())
	if err != nil {
		return err
	}
	for _, m := range members {
		p.Names[m.Who()], p.Names[readers.Subject(m.ID)] = m.Name, m.Name
	}
	if p.Events, err = readers.AuditLog(r.Context(), n.DB, p.Filter, auditLines+1); err != nil {
		return err
	}
	if len(p.Events) > auditLines {
		p.Events = p.Events[:auditLines]
		p.Older = p.Events[auditLines-1].ID
	}
	return show(w, r, http.StatusOK, n.screens.audit, p)
}
