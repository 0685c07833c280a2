namespace Coco.ControlPlane.Api;

/// <summary>Who may use an operation. What a caller may not see is answered as if it were not there (404), what it sees and may not do with 403.</summary>
internal enum Access
{
    /// <summary>Everybody, without a token.</summary>
    Anyone,

    /// <summary>A person, by a token of the person's own or of an app that the person let act.</summary>
    Account,

    /// <summary>A person, by the person's own sign-in alone: no app may do this for anybody.</summary>
    OwnAccount,

    /// <summary>An app, by its own credentials.</summary>
    App,

    /// <summary>A person or an app.</summary>
    AccountOrApp,

    /// <summary>A person or an app, and a cloud that a person has linked, which gets pseudonyms.</summary>
    AccountOrAppOrCloud,

    /// <summary>The person who registered the app of the path, or that app.</summary>
    AppOwner,

    /// <summary>Whoever belongs to the network of the path.</summary>
    NetworkGuest,

    /// <summary>Admins of the network of the path, its owner, or the app that owns it.</summary>
    NetworkAdmin,

    /// <summary>The owner of the network of the path, or the app that owns it.</summary>
    NetworkOwner,

    /// <summary>Admins of the network of the path and its owner, by the person's own sign-in alone: no app may do this for anybody.</summary>
    NetworkAdminInPerson,

    /// <summary>Whoever belongs to the network of the path, and users of the developer's own whose token names it; those see what is theirs.</summary>
    NetworkGuestOrExternalUser,

    /// <summary>Admins and owners of the network of the path, and users of the developer's own whose token names it; those change what is theirs.</summary>
    NetworkAdminOrExternalUser,

    /// <summary>Who runs this control plane, by an operator's token.</summary>
    Operator,
}
