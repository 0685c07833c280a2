namespace Coco.ControlPlane.Certificates;

/// <summary>An order (RFC 8555 §7.1.3).</summary>
internal sealed record AcmeOrder(string Status, string[]? Authorizations, string? Finalize, string? Certificate, AcmeProblem? Error)
{
    public bool IsInvalid => Status == "invalid";
}
