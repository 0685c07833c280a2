namespace Coco.ControlPlane.Api;

/// <summary>Who makes a request.</summary>
internal enum CallerKind
{
    Anonymous,

    /// <summary>A person, by the control plane's own sign-in.</summary>
    Account,

    /// <summary>An app on a person's own device or in the person's browser, which acts for the person who agreed.</summary>
    Delegated,

    /// <summary>A cloud that a person has linked, or another service of an app that the person let in. It lists the person's networks, under pseudonyms, and uses resources; nothing else is open to it.</summary>
    Cloud,

    /// <summary>An app for itself.</summary>
    App,

    /// <summary>One of a developer's own users, as the developer's app says.</summary>
    ExternalUser,

    /// <summary>Who runs the control plane.</summary>
    Operator,
}
