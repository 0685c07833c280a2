namespace Coco.ControlPlane.Client.Contracts.Apps;

/// <summary>Where an app runs, which decides what it can keep and may have.</summary>
public enum AppKind
{
    /// <summary>On servers of its developer: it keeps a secret, acts for itself, and may own networks.</summary>
    Service,

    /// <summary>Another cloud that people link: it keeps a secret, and may list networks and use resources only.</summary>
    CloudToCloud,

    /// <summary>On people's devices: it keeps no secret (RFC 8252).</summary>
    Native,

    /// <summary>In browsers: it keeps no secret.</summary>
    SinglePage,
}
