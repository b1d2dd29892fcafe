package newsroom

import "net/http"

// frontPage is the desk.
type frontPage struct {
	Frame
}

func (n *Newsroom) front(w http.ResponseWriter, r *http.Request, v visit) error {
	return show(w, r, http.StatusOK, n.screens.front, frontPage{Frame: n.frame(v, n.texts.T("room.desk.heading"), "/newsroom")})
}
