namespace Coco.Hosting;

/// <summary>Whose a session is.</summary>
internal enum SessionUse
{
    /// <summary>Nothing has come in it yet.</summary>
    Unknown,

    /// <summary>The app's, which gets it by <see cref="Node.AcceptAsync"/>.</summary>
    App,

    /// <summary>One that tunnels of the two nodes use.</summary>
    Tunnels,

    /// <summary>One that carries messages.</summary>
    Messages,

    /// <summary>One that carries topics.</summary>
    Topics,

    /// <summary>One that carries live streams.</summary>
    Media,

    /// <summary>One that carries entries and blobs.</summary>
    Data,
}
