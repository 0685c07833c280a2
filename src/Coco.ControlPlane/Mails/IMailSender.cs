namespace Coco.ControlPlane.Mails;

/// <summary>Sends mail.</summary>
internal interface IMailSender
{
    /// <exception cref="IOException">It could not be handed over.</exception>
    public Task SendAsync(Mail mail, CancellationToken cancellationToken);
}
