using Coco.Traversal.Links;

namespace Coco.Transport.Links;

/// <summary>
/// Takes what happens on links, from any thread and without waiting: an implementation posts an item to its loop. For each link come
/// <see cref="Opened"/> or <see cref="Accepted"/>, then any number of <see cref="Received"/> and <see cref="Writable"/>, then one <see cref="Closed"/>.
/// </summary>
internal interface ILinkSink
{
    /// <summary>A link that was asked for is open. When both ends dialled each other this may be one that was accepted before.</summary>
    public void Opened(int request, Link link);

    /// <summary>A link that was asked for could not be opened.</summary>
    public void Failed(int request, LinkFailure failure, string detail);

    /// <summary>Somebody opened a link to us; whoever it is has to be called authenticated soon.</summary>
    public void Accepted(Link link);

    /// <summary>Datagrams arrived. Whoever handles the batch disposes of it, and the link reads no further than a few batches ahead.</summary>
    public void Received(Link link, LinkBatch batch);

    /// <summary>A link that was full takes datagrams again.</summary>
    public void Writable(Link link);

    /// <summary>A link ended, whoever ended it.</summary>
    public void Closed(Link link, LinkFailure reason, string detail);
}
