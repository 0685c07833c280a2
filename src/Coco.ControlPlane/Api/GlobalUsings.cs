// What can be wrong with a request is one list, the client's: which of them are answered, and with which status, is in Problems. Each is a type of its own there.
global using ProblemCode = Coco.ControlPlane.Client.ControlPlaneError;
