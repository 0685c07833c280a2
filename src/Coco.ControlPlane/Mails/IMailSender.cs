namespace Coco.ControlPlane.Mails;

/// <summary>Sends mail.</summary>
internal interface IMailSender
{
    /// <summary>Hands a mail on. What it has returned from is not tried again, so it has to be on disk or with somebody else then.</summary>
    /// <exception cref="MailRefusedException">It is known why it was not taken, and whether it ever will be.</exception>
    /// <exception cref="IOException">It could not be handed over.</exception>
    public Task SendAsync(Mail mail, CancellationToken cancellationToken);
}
