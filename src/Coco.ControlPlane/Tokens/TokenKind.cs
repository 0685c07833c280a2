namespace Coco.ControlPlane.Tokens;

/// <summary>What a bearer token is for.</summary>
internal enum TokenKind
{
    /// <summary>A person's own sign-in.</summary>
    Session,

    /// <summary>An app's access, for a person or for itself (RFC 6749 §1.4).</summary>
    Access,

    /// <summary>What gets the next access token (RFC 6749 §1.5). It opens nothing else.</summary>
    Refresh,

    /// <summary>One of a developer's own users.</summary>
    ExternalUser,

    /// <summary>Who runs the control plane.</summary>
    Operator,
}
