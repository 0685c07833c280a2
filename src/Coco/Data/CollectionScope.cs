namespace Coco.Data;

/// <summary>Whose a collection is.</summary>
public enum CollectionScope
{
    /// <summary>The user's: on the user's nodes of the same app, and sealed on the network's keepers.</summary>
    User,

    /// <summary>The network's: who may read and write it says the policy, as for the topic <c>$coco/store/NAME</c>.</summary>
    Shared,
}
