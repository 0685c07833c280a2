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
}
